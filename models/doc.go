// Package models keeps everything that outlives the process in one SQLite file: the
// chat's rooms and messages, and the site's accounts and sessions. It is the only place
// that knows GORM and SQL.
//
// One goroutine owns the one connection that writes, and commits what waits for it
// together (writer.go); a few connections read, each read from one snapshot (store.go).
// What is asked all the time goes beside GORM, on its connection (statement.go).
package models
