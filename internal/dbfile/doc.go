// Package dbfile guards a database file against what SQLite cannot see: a second server under another
// name of the file, a copy put in its place, and a file that is removed while it is open.
package dbfile
