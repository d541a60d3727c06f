// Command bench measures Roomline beside what people would use instead.
package main

func main() {}
