// Package filter judges the texts that people write by the rules of a site: words, patterns, links, and how often an
// author repeats a text or mentions people. It owns the folding of text that these comparisons need.
package filter
