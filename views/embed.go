// Package views holds the html/template files of the site.
package views

import "embed"

// FS holds the templates; a template's name is its path without ".html". The functions
// they call are listed in FUNCS.md.
//
//go:embed *.html partials/*.html
var FS embed.FS
