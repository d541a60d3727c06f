package wiretest

import (
	"bytes"
	"runtime"
)

// Goroutines counts the goroutines of the process but for those that an engineio.Server keeps at
// hand and that have nothing to do.
func Goroutines() int {
	stacks := make([]byte, 1<<20)
	for {
		n := runtime.Stack(stacks, true)
		if n < len(stacks) {
			stacks = stacks[:n]
			break
		}
		stacks = make([]byte, 2*len(stacks))
	}
	count := 0
	for stack := range bytes.SplitSeq(stacks, []byte("\n\n")) {
		_, frames, _ := bytes.Cut(stack, []byte("\n"))
		if !bytes.HasPrefix(frames, []byte("roomline/realtime/engineio.(*crew).join(")) {
			count++
		}
	}
	return count
}
