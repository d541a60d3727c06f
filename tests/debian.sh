#!/bin/sh
# Installs the Debian packages that a part of the tests needs and this machine lacks:
#
#   tests/debian.sh chromium   the browser, without its windows, and the font of the screenshots
#   tests/debian.sh python     the python-socketio client, for Debian's own python3
#   tests/debian.sh proxies    nginx and HAProxy; their services are not started
#
# Without the rights to install it says in one line what to install, and fails. A browser with
# windows will do, but takes twice as long.
set -eu

case "${1:-}" in
chromium)
  packages="chromium-headless-shell fonts-inter"
  best() { command -v chromium-headless-shell >/dev/null && present; }
  present() {
    { command -v chromium-headless-shell || command -v chromium; } >/dev/null && [ -d /usr/share/fonts/opentype/inter ]
  }
  ;;
python)
  packages="python3 python3-socketio python3-requests python3-websocket python3-aiohttp"
  best() { present; }
  present() { /usr/bin/python3 -c 'import socketio, requests, websocket, aiohttp' 2>/dev/null; }
  ;;
proxies)
  packages="nginx haproxy openssl"
  best() { present; }
  present() { [ -x /usr/sbin/nginx ] && [ -x /usr/sbin/haproxy ] && command -v openssl >/dev/null; }
  ;;
*)
  echo "usage: $0 chromium|python|proxies" >&2
  exit 2
  ;;
esac

best && exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
  as_root="sudo -n"
fi
# shellcheck disable=SC2086 # both hold several words
if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
  echo "installing $packages"
  export DEBIAN_FRONTEND=noninteractive
  # Debian starts the service of a package unless this script says no.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap '$as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
  fi
  { $as_root apt-get update -qq && $as_root apt-get install -qq -y --no-install-recommends $packages >/dev/null; } || present
fi

present || {
  echo "the tests need: $packages (on Debian: sudo apt-get install $packages)" >&2
  exit 1
}
