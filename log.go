package main

import (
	"fmt"
	"net"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

const (
	formatJSON  = "json"                // of --log-format
	limitsGroup = "Limits (0 for none)" // of the flags that are limits
)

// wantsJSON reports whether a command line that may be wrong asks for a log of JSON.
func wantsJSON(args []string) bool {
	if slices.Contains(args, "--log-format="+formatJSON) {
		return true
	}
	if i := slices.Index(args, "--log-format"); i >= 0 {
		return i+1 < len(args) && args[i+1] == formatJSON
	}
	return os.Getenv("ROOMLINE_LOG_FORMAT") == formatJSON
}

// version returns the version of Roomline and of Go that the build recorded.
func version() (roomline, golang string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", ""
	}
	return info.Main.Version, info.GoVersion
}

// changedLimits returns the limits that differ from their defaults, as attributes for the log.
func changedLimits(flags []*kong.Flag) (attrs []any) {
	for _, flag := range flags {
		if flag.Group != nil && flag.Group.Key == limitsGroup && !isDefault(flag.Target, flag.Default) {
			attrs = append(attrs, strings.ReplaceAll(flag.Name, "-", "_"), flag.Target.Interface())
		}
	}
	return attrs
}

// isDefault reports whether a flag's value is what its default says.
func isDefault(value reflect.Value, text string) bool {
	if duration, ok := value.Interface().(time.Duration); ok {
		standard, err := time.ParseDuration(text)
		return err == nil && duration == standard
	}
	return fmt.Sprint(value.Interface()) == text
}

// logStart logs the version and the settings that decide how the server behaves.
func (cmd *serveCommand) logStart(p *process, listening net.Addr) {
	roomline, golang := version()
	attrs := []any{
		"version", roomline, "go", golang, "addr", listening.String(), "db", p.db, "registration", cmd.Registration,
		"create_rooms", cmd.CreateRooms, "signup_rate", cmd.SignupRate,
	}
	optional := func(name, value string) {
		if value != "" {
			attrs = append(attrs, name, value)
		}
	}
	optional("url", string(cmd.URL))
	optional("metrics_addr", cmd.MetricsAddr)
	origins := make([]string, len(cmd.Origin))
	for i, o := range cmd.Origin {
		origins[i] = string(o)
	}
	optional("origins", strings.Join(origins, " "))
	proxies := make([]string, len(cmd.TrustedProxy))
	for i, trusted := range cmd.TrustedProxy {
		proxies[i] = trusted.String()
	}
	optional("trusted_proxies", strings.Join(proxies, " "))
	p.log.Info("started", append(attrs, p.limits...)...)
}
