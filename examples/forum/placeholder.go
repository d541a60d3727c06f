package main

import (
	"html/template"
)

func (f *forum) widget(room string) template.HTML {
	attr := ""
	if room != "" {
		attr = ` room="` + room + `"`
	}
	return template.HTML(`<roomline-chat` + attr + `></roomline-chat>`)
}
