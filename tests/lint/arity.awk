# SPDX-License-Identifier: MIT
# arity.awk - syscalls.tbl and the sources: each system call has as many
# parameters as the table says. What the table names and nobody defines does
# not link; what is defined twice does not either.
FILENAME ~ /\.tbl$/ {
	if (!/^#/ && NF >= 3)
		nr[$3] = NF - 3
	next
}
FNR == 1 { fn = "" }
fn == "" && /^(long )?sys_[a-z0-9_]+\(/ {
	fn = $0
	sub(/^long /, "", fn)
	sub(/\(.*/, "", fn)
	args = ""
}
fn != "" {
	args = args $0
	if (!/[);{]/)
		next
	if (/;[ \t]*$/) { fn = ""; next }
	sub(/^[^(]*\(/, "", args)
	sub(/\).*/, "", args)
	n = args == "void" ? 0 : gsub(/,/, ",", args) + 1
	if (fn in nr && n != nr[fn])
		print FILENAME ":" FNR ": " fn " has " n " parameters, " nr[fn] " in syscalls.tbl"
	seen[fn] = 1
	fn = ""
}
END { for (f in nr) if (!(f in seen)) print f ": no definition seen" }
