// Package views holds the html/template files of the site.
package views

import "embed"

// FS holds the templates; a template's name is its path without ".html". The functions
// they call are registered in handlers/views.go.
//
//go:embed *.html partials/*.html
var FS embed.FS
