# SPDX-License-Identifier: MIT
#
# Python without what only its authors read: comments on lines of their own, what describes modules, classes and
# functions, and all but one of some empty lines. The first line has the licence. A string that is the first of
# a block may be all of it, so an empty one stays.

function marks(line) { return gsub(/"""/, "", line) }

function put(line) {
    if (line == "" && last == "") return
    print line
    last = line
}

inside == "data" { print; last = $0; if (marks($0) % 2) inside = ""; next }
inside == "text" { if (marks($0) % 2) inside = ""; next }

NR > 1 && /^ *# / { next }

/^ *"""/ {
    if (marks($0) % 2) inside = "text"
    match($0, /^ */)
    if (last ~ /:$/ && RLENGTH) put(substr($0, 1, RLENGTH) "\"\"")
    next
}

{ if (marks($0) % 2) inside = "data"; put($0) }
