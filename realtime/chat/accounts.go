package chat

import (
	"context"
	"errors"
	"time"
)

const (
	listPage   = 50  // of members, reports and entries, when the caller does not say
	maxList    = 100 // at most
	recentSize = 20  // messages of a profile
)

// pageOf returns how long a page is, or refuses.
func pageOf(limit int) (int, error) {
	switch {
	case limit < 0 || limit > maxList:
		return 0, Errorf(CodeInvalid, "A page has 1 to %d entries.", maxList)
	case limit == 0:
		return listPage, nil
	}
	return limit, nil
}

// moderated runs fn on a snapshot for a moderator.
func (s *Service) moderated(ctx context.Context, doing string, a Actor, fn func(Reader, scene) error) error {
	return fault(doing, s.cfg.Store.Read(ctx, func(r Reader) error {
		in, err := s.moderator(r, a)
		if err != nil {
			return err
		}
		return fn(r, in)
	}))
}

// Accounts returns a page of all members, for moderators.
func (s *Service) Accounts(ctx context.Context, a Actor, q MemberQuery) (MemberPage, error) {
	limit, err := pageOf(q.Limit)
	if err != nil {
		return MemberPage{}, err
	}
	page := MemberPage{Members: []Member{}}
	err = s.moderated(ctx, "list members", a, func(r Reader, in scene) error {
		var restricted time.Time
		if q.Sanctioned {
			restricted = in.now
		}
		accounts, err := r.Accounts(q.Query, q.After, limit+1, restricted)
		if err != nil {
			return err
		}
		if len(accounts) > limit {
			accounts = accounts[:limit]
			page.After = accounts[limit-1].Name
		}
		for _, account := range accounts {
			m, err := s.restrictedMember(r, account)
			if err != nil {
				return err
			}
			page.Members = append(page.Members, m)
		}
		return nil
	})
	return page, err
}

// Profile is all that moderators see of a member.
func (s *Service) Profile(ctx context.Context, a Actor, user string) (Profile, error) {
	var p Profile
	// What is not indexed yet is missing from what was written last, and nothing else.
	if _, err := s.cfg.Store.CatchUp(ctx, ""); err != nil {
		return p, fault("read a profile", err)
	}
	err := s.moderated(ctx, "read a profile", a, func(r Reader, in scene) error {
		var err error
		if p.Member, err = s.member(r, user); err != nil {
			return err
		}
		if p.History, err = r.Sanctions(user); err != nil {
			return err
		}
		if err := s.nameSanctions(r, p.History); err != nil {
			return err
		}
		var rooms []int64
		for _, space := range []Space{SpaceGeneral, SpaceAdmin} {
			some, err := r.RoomsOf(space, in.user.ID)
			if err != nil {
				return err
			}
			for _, room := range some {
				rooms = append(rooms, room.Room.ID)
			}
		}
		if p.Recent, err = r.LatestOf(user, rooms, recentSize); err != nil {
			return err
		}
		p.Recent = keep(p.Recent)
		if err := s.fill(r, p.Recent); err != nil {
			return err
		}
		_, p.Purged, err = r.Purged(user, 1)
		return err
	})
	return p, err
}

// member returns a user as moderators see them.
func (s *Service) member(r Reader, user string) (Member, error) {
	account, err := r.Account(user)
	if errors.Is(err, ErrMissing) {
		return Member{}, Errorf(CodeNotFound, "There is no such member.")
	}
	if err != nil {
		return Member{}, err
	}
	return s.restrictedMember(r, account)
}

func (s *Service) restrictedMember(r Reader, account Account) (Member, error) {
	m := Member{Account: account}
	held, err := r.Restrictions(account.ID)
	if err != nil {
		return m, err
	}
	held = held.inForce(s.now())
	both := []Sanction{held.Mute, held.Ban}
	if held.Mute.ID != 0 || held.Ban.ID != 0 {
		if err := s.nameSanctions(r, both); err != nil {
			return m, err
		}
	}
	if held.Mute.ID != 0 {
		m.Mute = &both[0]
	}
	if held.Ban.ID != 0 {
		m.Ban = &both[1]
	}
	return m, nil
}

// nameSanctions completes the people of sanctions in place.
func (s *Service) nameSanctions(r Reader, sanctions []Sanction) error {
	who := newNames(r)
	for _, sanction := range sanctions {
		who.ask(sanction.By.ID)
	}
	if err := who.read(); err != nil {
		return err
	}
	for i := range sanctions {
		sanctions[i].By = who.find(sanctions[i].By.ID)
	}
	return nil
}
