package markup

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// link is the HTML of a link.
func link(address, text string) string {
	return `<a href="` + address + `" rel="noopener nofollow ugc" target="_blank">` + text + `</a>`
}

func TestMarkupBecomesHTML(t *testing.T) {
	m := New()
	for _, c := range []struct{ text, html string }{
		{"**b** *i* _i_ ~~s~~ `c`", "<p><strong>b</strong> <em>i</em> <em>i</em> <del>s</del> <code>c</code></p>"},
		{"***x***", "<p><em><strong>x</strong></em></p>"},
		{"*a\nb*", "<p><em>a<br>b</em></p>"},
		{"**단어**는 **a**b", "<p><strong>단어</strong>는 <strong>a</strong>b</p>"},
		{"**a** 日本**語**です", "<p><strong>a</strong> 日本<strong>語</strong>です</p>"},
		{"`` a`b `` `<b>`", "<p><code>a`b</code> <code>&lt;b&gt;</code></p>"},
		{`\*x\* <i> **y**`, "<p>*x* &lt;i&gt; <strong>y</strong></p>"},
		{"*a* &copy; &lt;", "<p><em>a</em> &amp;copy; &amp;lt;</p>"},

		{"> q\nmy answer", "<blockquote><p>q</p></blockquote><p>my answer</p>"},
		{"> q\n>\n> > r", "<blockquote><p>q</p><blockquote><p>r</p></blockquote></blockquote>"},

		{"- a\n- b\n  c\nend", "<ul><li>a</li><li>b<br>c</li></ul><p>end</p>"},
		{"* a\n+ b", "<ul><li>a</li></ul><ul><li>b</li></ul>"},
		{"1. a\n2. b\n   - c", "<ol><li>a</li><li>b<ul><li>c</li></ul></li></ol>"},
		{"3. a\n5. b\n6) c", `<ol start="3"><li>a</li><li value="5">b</li></ol><ol start="6"><li>c</li></ol>`},
		{"- a\n\n  ```js\n  x\n  ```", `<ul><li><p>a</p><pre><code class="language-js">x</code></pre></li></ul>`},
		{"> 2. a\n> 4. b\n>\t9. c", `<blockquote><ol start="2"><li>a</li><li value="4">b</li><li value="9">c</li></ol></blockquote>`},
		{"- a\n---", "<ul><li>a</li></ul><p>---</p>"},

		{"```go\nif a < b {\n\n\treturn\n}\n```\nend", "<pre><code class=\"language-go\">if a &lt; b {\n\n\treturn\n}</code></pre><p>end</p>"},
		{"```c++\nx", `<pre><code class="language-c++">x</code></pre>`},
		{"~~~\n  /\\_/\\\n ( o.o )\n~~~", "<pre><code>  /\\_/\\\n ( o.o )</code></pre>"},
		{"``` ls -l \"x\"\ny\n```", "<pre><code>ls -l &#34;x&#34;\ny</code></pre>"},

		{"see [the *page*](https://example.org/a_(b)?c=d&e), x", "<p>see " + link("https://example.org/a_(b)?c=d&amp;e", "the <em>page</em>") + ", x</p>"},
		{"[m](mailto:a@example.org) [w](www.example.org)", "<p>" + link("mailto:a@example.org", "m") + " " + link("http://www.example.org", "w") + "</p>"},
		{"[![i](http://example.org/i)](http://example.org/o)", "<p>[!" + link("http://example.org/i", "i") + "](" + link("http://example.org/o", "http://example.org/o") + ")</p>"},
		{"[a `](http://example.org)` b", "<p>[a <code>](http://example.org)</code> b</p>"},
		{"[1]: http://example.org\n[1]", "<p>[1]: " + link("http://example.org", "http://example.org") + "<br>[1]</p>"},

		{"http://localhost:3000/a_b_c*x/.", "<p>" + link("http://localhost:3000/a_b_c*x/", "http://localhost:3000/a_b_c*x/") + ".</p>"},
		{"(see https://example.org/a_(b)), **www.example.org**!", "<p>(see " + link("https://example.org/a_(b)", "https://example.org/a_(b)") + "), <strong>" + link("http://www.example.org", "www.example.org") + "</strong>!</p>"},
		{"HTTPS://EXAMPLE.ORG/A?b=é", "<p>" + link("https://EXAMPLE.ORG/A?b=é", "HTTPS://EXAMPLE.ORG/A?b=é") + "</p>"},
		{"看http://example.org。", "<p>看" + link("http://example.org", "http://example.org") + "。</p>"},
		{`<http://example.org> "mailto:a@example.org"`, "<p>&lt;" + link("http://example.org", "http://example.org") + "&gt; &#34;" + link("mailto:a@example.org", "mailto:a@example.org") + "&#34;</p>"},
	} {
		if stored, html, mentioned := m.Prepare(c.text, nil); stored != c.text || html != c.html || mentioned != nil {
			t.Errorf("%q:\ngot  %s\nwant %s\nstored %q, mentioned %q", c.text, html, c.html, stored, mentioned)
		}
	}
}

func TestAddressesAreLinkedAsTyped(t *testing.T) {
	m := New()
	for _, c := range []struct{ before, address, after string }{
		{"", "https://example.org/100%", ""}, {"see ", "https://example.org/%zz?a=%&b=50%25", " now"}, {"", "https://app.example.org/#/#room:example.org", ""},
		{"", "https://example.org/#a#b", ""}, {"", "https://example.org/[x]{y}|z^", ""}, {"", "https://ja.wikipedia.org/wiki/東京都", "。次"},
		{"", "https://ja.wikipedia.org/wiki/レオナルド・ダ・ヴィンチ", "！"}, {"", "https://ru.wikipedia.org/wiki/Москва", "."}, {"", "https://example.org/C言語", ""},
		{"", "https://example.org/a", "。次"}, {"（", "https://example.org/b", "）です"}, {"「", "https://example.org/c?d=e", "」と"}, {"见", "https://example.org/f", "，然后"},
		{"", "https://example.org/g", "؟ لا"}, {"", "https://example.org/h", "। फिर"}, {"“", "https://example.org/i", "”后"}, {"«", "https://example.org/j", "» et"},
		{"", "https://example.org", "です"}, {"", "https://example.org", "입니다"}, {"看", "https://example.org", "看"}, {"", "https://fr.wikipedia.org/wiki/L’Équipe", ""},
		{"", "https://example.org/k", "…次"}, {"", "https://example.org/l", "！？"}, {"a,", "https://example.org/m", ""}, {"보세요", "https://example.org/n", ""}, {"смотри", "https://example.org", "и"}, {"ดี", "https://example.org/o", ""}, {"、", "https://xn--r8jz45g.example/", ""},
		{"", "https://web.archive.org/web/2020/https://example.org/", ""}, {"", "https://example.org/?u=https://example.com", ""}, {"", "https://例え.テスト/道", ""},
	} {
		want := "<p>" + c.before + link(strings.NewReplacer("&", "&amp;").Replace(c.address), strings.NewReplacer("&", "&amp;").Replace(c.address)) + c.after + "</p>"
		if _, html, _ := m.Prepare(c.before+c.address+c.after, nil); html != want {
			t.Errorf("%q:\ngot  %s\nwant %s", c.before+c.address+c.after, html, want)
		}
	}
}

func TestEmphasisStandsInTextWithoutSpaces(t *testing.T) {
	m := New()
	for text, html := range map[string]string{
		"**粗体。**后面": "<p><strong>粗体。</strong>后面</p>", "前面**“引用”**后面": "<p>前面<strong>“引用”</strong>后面</p>", "これは*（重要）*です": "<p>これは<em>（重要）</em>です</p>",
		"**태그(tag)**에": "<p><strong>태그(tag)</strong>에</p>", "~~删除！~~保留": "<p><del>删除！</del>保留</p>", "**ภาษาไทย!**ครับ": "<p><strong>ภาษาไทย!</strong>ครับ</p>",
		"**「a」**b": "<p><strong>「a」</strong>b</p>", "请**看。**": "<p>请<strong>看。</strong></p>", "**a.**b": "",
	} {
		if _, got, _ := m.Prepare(text, nil); got != html {
			t.Errorf("%q: got %s, want %s", text, got, html)
		}
	}
}

func TestMentionsEndWhereAnotherScriptBegins(t *testing.T) {
	m := New()
	ids := map[string]string{
		"nora": "1", "田中": "2", "иван": "3", "김민수": "4", "สมชาย": "5", "nora-2": "6", "りえ": "7", "דנה": "8", "nor": "9", "ليلى": "10",
	}
	for text, stored := range map[string]string{
		"@noraさん": "<@1>さん", "＠nora": "<@1>", "你好@nora你好": "你好<@1>你好", "@nora님 안녕": "<@1>님 안녕", "@noraครับ": "<@1>ครับ", "@田中さんへ": "<@2>さんへ",
		"@田中先生": "<@2>先生", "ねえ＠りえちゃん": "ねえ<@7>ちゃん", "@иванさん": "<@3>さん", "안녕@nora": "안녕<@1>", "привет@nora": "привет<@1>", "@김민수hello": "<@4>hello",
		"ขอบคุณ@สมชายครับ": "ขอบคุณ<@5>ครับ", "@nora-2さん": "<@6>さん", "@nora.さん": "<@1>.さん", "ל@nora": "ל<@1>", "@דנהhello": "<@8>hello", "**＠nora**さん": "**<@1>**さん",
		"हिंदी@nora": "हिंदी<@1>", "안녕:tada:": "안녕🎉", "да:tada:": "да🎉", "ดี:tada:": "ดี🎉", "é:tada:": "é:tada:", "नमस्ते@noraजी": "नमस्ते<@1>जी",
		"＠nora、＠田中、@иван": "<@1>、<@2>、<@3>", "@ليلى،": "<@10>،", "（@nora）": "（<@1>）",
		// No boundaries:
		"a@nora": "a@nora", "mail@nora.example": "mail@nora.example", "1@nora": "1@nora", "é＠nora": "é＠nora", "@noras": "@noras", "привет@иван": "привет@иван",
		"@김민수진": "@김민수진", "`＠nora`": "`＠nora`", "＠nobody": "＠nobody", "＠": "＠", "[＠nora](http://a.example)": "[＠nora](http://a.example)",
	} {
		if got, _, _ := m.Prepare(text, ids); got != stored {
			t.Errorf("%q is stored as %q, want %q", text, got, stored)
		}
		names := m.Names(text)
		for _, name := range []string{"nora", "田中", "иван", "りえ", "김민수", "สมชาย"} {
			if id := ids[name]; strings.Contains(stored, "<@"+id+">") && !slices.Contains(names, name) {
				t.Errorf("%q: the names are %q", text, names)
			}
		}
	}
}

func TestLongTextWithoutSpacesHasItsMention(t *testing.T) {
	text := "@田中" + strings.Repeat("今日は良い天気ですね", 20)
	if stored, _, _ := New().Prepare(text, map[string]string{"田中": "2"}); !strings.HasPrefix(stored, "<@2>今日は") {
		t.Errorf("stored %q", stored)
	}
}

func TestWhatIsNoMarkupIsShownAsTyped(t *testing.T) {
	m := New()
	for _, text := range []string{
		"hello", "two\nlines\n\nand more", "2*3*4 = 24, 2**3**4, a*b*c", "snake_case_name __init_x", "a * b * c", "5 ~ 6 ~7~",
		"<b>bold</b> <script>alert(1)</script> & &amp; &copy;", ">", "> >", ">_<", ">>> print(x)", "a\n>", "> ",
		"1.", "-", "- ", "+", "* * *", "---", "___", "2024. ", "-> there", "+1", "10 people came. 12:30", "-5",
		"# no heading", "no heading\n===", "    four spaces", "\ttab\n        more", "|a|b|\n|-|-|",
		"```", "```\n```", "~~~\n\n~~~", "`", "` `", "``", "~~", "****", "[x]", "[x](y)", "[](http)", "[a]: b", "![a](b.png)",
		"[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x]( javascript:alert(1))", "[x](java\tscript:alert(1))",
		"[x](&#106;avascript:alert(1))", "[x](data:text/html,<script>)", "[x](vbscript:msgbox)", "[x](//example.org)", "[x](/rooms/lobby)",
		"[x](http://user@example.org)", "http://user:pass@example.org", "javascript:alert(1)", "data:text/html;x", "ftp://example.org",
		"http://", "https:// x", "www.", "www.example", "xhttp://example.org", "mailto:", "mailto:nobody", "http://%zz", "http://[::1",
		"a@example.org", "@", "@@", "@nobody", ":)", ":nope:", "12:100:30", "std::x::y", ":octocat:", "::", "a ** b ** c", "**", "*a",
	} {
		if stored, html, mentioned := m.Prepare(text, nil); stored != text || html != "" || mentioned != nil {
			t.Errorf("%q: stored %q, html %s, mentioned %q", text, stored, html, mentioned)
		}
	}
}

func TestShortcodesBecomeEmojiButInCode(t *testing.T) {
	m := New()
	for _, c := range []struct{ text, stored, html string }{
		{"hi :smile:", "hi 😄", ""},
		{":tada::tada: :+1:!", "🎉🎉 👍!", ""},
		{"**:heart:** `:heart:` http://example.org/:heart:", "**❤️** `:heart:` http://example.org/:heart:",
			"<p><strong>❤️</strong> <code>:heart:</code> " + link("http://example.org/:heart", "http://example.org/:heart") + ":</p>"},
		{"```\n:heart:\n```", "```\n:heart:\n```", "<pre><code>:heart:</code></pre>"},
		{`\:heart:`, `\:heart:`, "<p>:heart:</p>"},
	} {
		if stored, html, _ := m.Prepare(c.text, nil); stored != c.stored || html != c.html {
			t.Errorf("%q: stored %q, html %s", c.text, stored, html)
		}
	}
}

func TestNamesAreThoseThatAreMentioned(t *testing.T) {
	m := New()
	for _, c := range []struct {
		text  string
		names []string
	}{
		{"no", nil},
		{"@Nora and @nora, @ＮＯＲＡ", []string{"nora"}},
		{"ask @nora. Or @x-y_", []string{"nora.", "nora", "x-y_", "x-y"}},
		{"(@nora) \"@max\" _@eve_ @a/@b", []string{"nora", "max", "eve_", "eve", "a", "b"}},
		{"@Łukasz @Ζωή @田中 你好@王", []string{"łukasz", "ζωή", "田中", "田", "王"}},
		{"`@a` a@b.c mailto:a@b.c http://example.org/@a [x](http://example.org/@b) \\@c", nil},
		{"```\n@a\n```\n~~~\n@b", nil},
		{"> @a\n\n- **@b**\n\n[@c](http://example.org)", []string{"a", "b", "c"}},
		{"@ @. @- @_ @@a", []string{"a"}},
		{"@" + strings.Repeat("a", 64) + " @" + strings.Repeat("b", 65), []string{strings.Repeat("a", 64)}},
	} {
		if got := m.Names(c.text); !slices.Equal(got, c.names) {
			t.Errorf("%q: %q, want %q", c.text, got, c.names)
		}
	}
	var many strings.Builder
	for i := range 2 * maxNames {
		many.WriteString(" @n" + strconv.Itoa(i))
	}
	if got := m.Names(many.String()); len(got) != maxNames || got[99] != "n99" {
		t.Errorf("of many: %q", got)
	}
}

func TestMentionsArePlaceholdersUntilTheyAreFilled(t *testing.T) {
	m := New()
	ids := map[string]string{"nora": "12", "nora.": "13", "max": `a"><b>%`, "eve": "", "joe": "a\nb"}
	names := map[string]string{"12": "Nora", "13": "Nora.", `a"><b>%`: `<i>"&`}
	for _, c := range []struct {
		text, stored, html string
		mentioned          []string
		filled, filledHTML string
	}{
		{
			"*hi* @Nora, @NORA", "*hi* <@12>, <@12>",
			`<p><em>hi</em> <span class="mention" data-user="12">&lt;@12&gt;</span>, <span class="mention" data-user="12">&lt;@12&gt;</span></p>`,
			[]string{"12"}, "*hi* @Nora, @Nora",
			`<p><em>hi</em> <span class="mention" data-user="12">@Nora</span>, <span class="mention" data-user="12">@Nora</span></p>`,
		},
		{
			"@nora.", "<@13>", `<p><span class="mention" data-user="13">&lt;@13&gt;</span></p>`,
			[]string{"13"}, "@Nora.", `<p><span class="mention" data-user="13">@Nora.</span></p>`,
		},
		{
			"@max @nora_", "<@a%22%3E%3Cb%3E%25> <@12>_",
			`<p><span class="mention" data-user="a&#34;&gt;&lt;b&gt;%">&lt;@a%22%3E%3Cb%3E%25&gt;</span> <span class="mention" data-user="12">&lt;@12&gt;</span>_</p>`,
			[]string{`a"><b>%`, "12"}, `@<i>"& @Nora_`,
			`<p><span class="mention" data-user="a&#34;&gt;&lt;b&gt;%">@&lt;i&gt;&#34;&amp;</span> <span class="mention" data-user="12">@Nora</span>_</p>`,
		},
		{"<@12> `<@12>` @eve @joe", "<@>12> `<@>12>` @eve @joe", "<p>&lt;@12&gt; <code>&lt;@12&gt;</code> @eve @joe</p>", nil,
			"<@12> `<@12>` @eve @joe", "<p>&lt;@12&gt; <code>&lt;@12&gt;</code> @eve @joe</p>"},
		{"<<@nora><@>", "<<<@12>><@>>", `<p>&lt;&lt;<span class="mention" data-user="12">&lt;@12&gt;</span>&gt;&lt;@&gt;</p>`,
			[]string{"12"}, "<<@Nora><@>", `<p>&lt;&lt;<span class="mention" data-user="12">@Nora</span>&gt;&lt;@&gt;</p>`},
		{"<@12", "<@>12", "", nil, "<@12", ""},
		{"@nora\n:tada:\nx", "<@12>\n🎉\nx", `<p><span class="mention" data-user="12">&lt;@12&gt;</span><br>🎉<br>x</p>`,
			[]string{"12"}, "@Nora\n🎉\nx", `<p><span class="mention" data-user="12">@Nora</span><br>🎉<br>x</p>`},
	} {
		stored, html, mentioned := m.Prepare(c.text, ids)
		if stored != c.stored || html != c.html || !slices.Equal(mentioned, c.mentioned) {
			t.Errorf("%q:\nstored %q\nhtml %s\nmentioned %q", c.text, stored, html, mentioned)
		}
		text, filled := m.Fill(stored, html, func(id string) string { return names[id] })
		if text != c.filled || filled != c.filledHTML {
			t.Errorf("%q filled:\n%q\n%s", c.text, text, filled)
		}
	}
}

func TestFillLeavesWhatPrepareDidNotReturn(t *testing.T) {
	for _, text := range []string{"<@", "<@12", "<@%zz>", "x"} {
		if got, html := New().Fill(text, "<p>", nil); got != text || html != "<p>" {
			t.Errorf("%q became %q, %s", text, got, html)
		}
	}
}

func TestHostileTextsCostLittle(t *testing.T) {
	const size = 50_000
	m := New()
	texts := []string{
		strings.Repeat("*", size/2) + "a" + strings.Repeat("*", size/2),
		strings.Repeat("*a ", size/6) + strings.Repeat("b_ ", size/6),
		strings.Repeat("[", size/2) + strings.Repeat("](http://b)", size/22),
		strings.Repeat("> ", size/4) + strings.Repeat("\n"+strings.Repeat("> ", 10)+"b", size/44),
	}
	var runs strings.Builder
	for i := 1; runs.Len() < size; i++ {
		runs.WriteString(strings.Repeat("`", i) + "a")
	}
	texts = append(texts, runs.String())
	for _, part := range []string{
		"[", "*a ", "> > > >", "> > > > a\n", "`", "`a``b```c", "a* ", "*a", "a_ *b ", "a**b c* ", "[a](b", "[a](http://b)", "[*a*](http://b)",
		"http:", "http://a", "http://a ", "http://a)))", "www.", "mailto:a@b ", "](http://a)", "@a ", "@a_", ":a", ":smile:", "- a\n",
		"- - - - a\n", "1. a\n", "\\", "<@", "```\n", "~~a ", "\n", "\t- a\n", "***a**b*", "[a](http://b (",
	} {
		texts = append(texts, strings.Repeat(part, size/len(part)))
	}
	for _, text := range texts {
		start := time.Now()
		_, html, _ := m.Prepare(text, nil)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%.20q… took %v", text, took)
		}
		depth, deepest := 0, 0
		for tag := range strings.SplitSeq(html, "<") {
			switch {
			case strings.HasPrefix(tag, "/"):
				depth--
			case tag != "" && !strings.HasPrefix(tag, "br>"):
				depth++
			}
			deepest = max(deepest, depth)
		}
		if deepest > maxBlocks+maxInlines+4 || depth != 0 {
			t.Errorf("%.20q… is %d deep and ends at %d", text, deepest, depth)
		}
	}
}

func TestOneMarkupServesMany(t *testing.T) {
	m := New()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, html, _ := m.Prepare("*a* http://example.org :tada:\n- b", nil); !strings.HasPrefix(html, "<p><em>a</em> <a") {
				t.Error(html)
			}
		})
	}
	all.Wait()
}

func TestPlainTextAllocatesNothing(t *testing.T) {
	m := New()
	const text = "Let us meet at the usual place (the one by the river), won't we?\nOn time, at 9 - as ever."
	if n := testing.AllocsPerRun(10, func() { m.Prepare(text, nil) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkPreparePlain(b *testing.B) {
	m := New()
	for b.Loop() {
		m.Prepare("Let us meet at the usual place, then; it should be open - early.", nil)
	}
}

func BenchmarkPrepareRich(b *testing.B) {
	m := New()
	ids := map[string]string{"nora": "12"}
	for b.Loop() {
		m.Prepare("Let us *meet* at @nora's place, see https://example.org/x :tada:", ids)
	}
}

func BenchmarkFill(b *testing.B) {
	m := New()
	stored, html, _ := m.Prepare("Ask @nora, *please*", map[string]string{"nora": "12"})
	for b.Loop() {
		m.Fill(stored, html, func(string) string { return "Nora" })
	}
}
