package handlers_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestASearchLeadsToItsMessages(t *testing.T) {
	s := serve(t)
	ann, bob := s.member("ann"), s.member("bob")
	ann.say("/rooms/lobby", "abcdefgh-1", `a <img src=x> & a secret`).wants(http.StatusSeeOther)
	ann.say("/admin", "abcdefgh-2", "a secret of moderators").wants(http.StatusSeeOther)

	bob.get("/search").wants(http.StatusOK).shows("Find what was said").shows(`<option value="lobby">`)
	found := bob.get("/search?q=sec").wants(http.StatusOK).
		shows(`href="/rooms/lobby/1#m1"`).shows(`a &lt;img src=x&gt; &amp; a <mark>secret</mark>`).hides("moderators").hides("Older results")
	if strings.Contains(found.body, "<img") {
		t.Error("a text is markup")
	}
	bob.get("/search?q=secret&room=lobby").wants(http.StatusOK).shows(`<option value="lobby" selected>`).shows("#m1")
	bob.get(`/search?q=%22secret+a%22`).wants(http.StatusOK).shows("Nothing found for")
	bob.get("/search?q=%3Cimg%3E").wants(http.StatusOK).shows("&lt;img&gt;")
	bob.get("/search?q=%2A%22").wants(http.StatusBadRequest).shows("Write a word to search for.")
	for _, hidden := range []string{"/search?q=secret&room=admin", "/search?room=admin", "/search?q=secret&room=nowhere", "/search?q=a&before=x", "/search?q=a&before=-1"} {
		bob.get(hidden).wants(http.StatusNotFound).hides("moderators")
	}
	ann.get("/search?q=secret&room=admin").wants(http.StatusOK).shows(`href="/admin/1#m1"`).shows("of moderators").hides("&lt;img")
	ann.get("/search?q=secret").hides("of moderators")
	// A single word finds members too; who may read the room that is searched.
	bob.get("/search?q=AN").shows("Members").shows("<bdi>ann</bdi>").hides("<bdi>bob</bdi>").hides("Nothing found")
	bob.get("/search?q=%40bob").shows("<bdi>bob</bdi>")
	bob.get("/search?q=ann+secret").hides("Members")
	ann.get("/search?q=bob&room=admin").hides("Members").shows("Nothing found")
	s.visitor().get("/search?q=secret").leadsTo("/login?next=%2Fsearch%3Fq%3Dsecret")
}
