// Package js holds the modules that browsers load: those of the site's page, and in the folder widget the element of
// a host's page, which is made of many of the same. It depends on nothing, so that package realtime can serve them.
package js

import "embed"

// FS holds the modules by their names in this folder.
//
//go:embed *.js widget
var FS embed.FS
