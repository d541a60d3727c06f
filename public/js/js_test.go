package js

import (
	"slices"
	"testing"
)

const module = `/** @typedef {import('./types.js').User} User */
import { a } from './a.js';
import {
  b,
  c as d,
} from "../b.js";
import './c.js';
import e from 'elsewhere';
export { f } from './f.js';
export * from './g.js';
export const words = './no.js';
export function open() {
  return import('./neither.js');
}
  import { i } from './indented.js';
const later = async () => (await import('./later.js')).later();
const sheet = new URL('./sheet.css', import.meta.url), other = new URL(sheet, './no.css');
await import("./more.js"); // import './no.js'
`

func TestAModuleSaysWhatItImports(t *testing.T) {
	want := []string{"in/a.js", "b.js", "in/c.js", "in/f.js", "in/g.js"}
	if got := Imports("in/module.js", []byte(module)); !slices.Equal(got, want) {
		t.Errorf("it imports %q, want %q", got, want)
	}
	want = []string{"in/later.js", "in/more.js", "in/sheet.css"}
	if got := Loads("in/module.js", []byte(module)); !slices.Equal(got, want) {
		t.Errorf("it loads %q, want %q", got, want)
	}
}

func TestWhatIsCutOffSaysNothing(t *testing.T) {
	for _, data := range []string{"", "import", "import '", "import './a.js", "export {", "x = await import(", "await import('", "new URL('./a", "\n"} {
		if names := append(Imports("a.js", []byte(data)), Loads("a.js", []byte(data))...); len(names) > 0 {
			t.Errorf("%q: %q", data, names)
		}
	}
}
