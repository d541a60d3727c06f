package socketio

import "sync"

// taskCost is what each queued packet counts on top of its size, in bytes.
const taskCost = 256

// task is work for a connection's worker. That of a packet is for a namespace; the rest, with
// namespace "", never waits for a CONNECT.
type task struct {
	namespace string
	cost      int // of the packet that waits, in bytes
	run       func()
}

// inbox is a connection's queue of tasks. The worker runs them in order; it is started when the
// queue gets its first task and ends when the queue is empty. conn.mu guards all of it.
type inbox struct {
	queue      []task
	connecting map[string]*admitting // by namespace; nil while no CONNECT is being decided
	held       []task                // behind a CONNECT over the limit of namespaces, until one that is being decided is refused or left
	bytes      int                   // cost of the packets that wait
	drained    *sync.Cond            // signalled when bytes shrinks or the connection ends; nil until a reader waits
	working    bool
}

// admitting holds the packets for a namespace whose CONNECT is being decided.
type admitting struct{ deferred []task }

// wakeReader makes a reader that waits in push look again.
func (b *inbox) wakeReader() {
	if b.drained != nil {
		b.drained.Broadcast()
	}
}

// push queues the work for a packet of size bytes. While Config.MaxPendingBytes are waiting it
// blocks, which stops reading from this connection. An empty queue takes a packet of any size.
func (c *conn) push(namespace string, size int, run func()) {
	t := task{namespace, size + taskCost, run}
	c.mu.Lock()
	defer c.mu.Unlock()
	b, limit := &c.inbox, c.server.cfg.MaxPendingBytes
	for limit > 0 && b.bytes > 0 && b.bytes+t.cost > limit && !c.ended {
		if b.drained == nil {
			b.drained = sync.NewCond(&c.mu)
		}
		b.drained.Wait()
	}
	if c.ended {
		return
	}
	b.bytes += t.cost
	c.pushLocked(t)
}

// pushLocked queues a task whatever its size, and starts the worker if none runs.
func (c *conn) pushLocked(t task) {
	b := &c.inbox
	b.queue = append(b.queue, t)
	if !b.working {
		b.working = true
		c.server.work.Add(1)
		c.server.engine.Run(c.work)
	}
}

// work is the worker.
func (c *conn) work() {
	defer c.server.work.Done()
	for {
		c.mu.Lock()
		b := &c.inbox
		if len(b.queue) == 0 {
			b.queue, b.working = nil, false // an idle connection keeps no buffer
			c.mu.Unlock()
			return
		}
		t := b.queue[0]
		b.queue[0] = task{}
		b.queue = b.queue[1:]
		c.mu.Unlock()
		c.perform(t)
	}
}

// perform runs a task on the worker, or lets it wait: for the decision about its namespace's
// CONNECT, or behind a CONNECT that is held.
func (c *conn) perform(t task) {
	c.mu.Lock()
	b := &c.inbox
	switch a := b.connecting[t.namespace]; {
	case t.namespace == "":
	case b.held != nil:
		b.held = append(b.held, t)
		c.mu.Unlock()
		return
	case a != nil:
		a.deferred = append(a.deferred, t)
		c.mu.Unlock()
		return
	default:
		b.bytes -= t.cost
		b.wakeReader()
	}
	c.mu.Unlock()
	t.run()
}

// hold lets a CONNECT wait, and all packets behind it, until another one is decided. The worker
// calls it.
func (c *conn) hold(namespace string, connect func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inbox.held = []task{{namespace: namespace, run: connect}}
}

// release performs deferred, and then what was held.
func (c *conn) release(deferred []task) {
	c.mu.Lock()
	waiting := append(deferred, c.inbox.held...)
	c.inbox.held = nil
	c.mu.Unlock()
	for _, t := range waiting {
		c.perform(t)
	}
}

// decide runs decision, which may take its time, beside the worker, and then finish on the
// worker, followed by the packets for the namespace that came meanwhile. The worker calls it.
func (c *conn) decide(namespace string, decision, finish func()) {
	a := &admitting{}
	c.mu.Lock()
	if c.inbox.connecting == nil {
		c.inbox.connecting = make(map[string]*admitting, 1)
	}
	c.inbox.connecting[namespace] = a
	c.mu.Unlock()
	decided := func() {
		finish()
		c.mu.Lock()
		delete(c.inbox.connecting, namespace)
		if len(c.inbox.connecting) == 0 {
			c.inbox.connecting = nil
		}
		c.mu.Unlock()
		c.release(a.deferred)
	}
	c.server.work.Add(1) // the worker's own count keeps it above 0
	c.server.engine.Run(func() {
		defer c.server.work.Done()
		decision()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.pushLocked(task{run: decided})
	})
}
