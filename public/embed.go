// Package public holds what browsers load: style sheets, scripts and pictures.
package public

import "embed"

// FS holds the files served under /public/. vendor is filled by "make assets".
//
//go:embed css js img vendor
var FS embed.FS
