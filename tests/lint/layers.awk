# SPDX-License-Identifier: MIT
# layers.awk - the table `layers' first, then sources (names below kernel/) with
# their #include lines; prints what breaks the rule.
FNR == 1 { file = FILENAME; sub(/.*\/kernel\//, "", file); table = FILENAME ~ /layers$/ }
table && /^folder/ { rank[$2] = $3; next }
table && /^rank/ { special[$2] = $3; next }
table && /^allow/ { n_allow++; who[n_allow] = $2; what[n_allow] = $3; next }
table { next }
function folder(f)
{
	sub(/^include\//, "", f)
	sub(/\/.*/, "", f)
	return f
}
function rank_of(f,	k, best)
{
	if (f in special)
		return special[f]
	for (k in special)
		if (k ~ /\/$/ && index(f, k) == 1)
			return special[k]
	return rank[folder(f)]
}
/^#[ \t]*include[ \t]*[<"]/ {
	inc = $0
	sub(/^[^<"]*[<"]/, "", inc)
	sub(/[>"].*/, "", inc)
	if (inc !~ /\// || inc ~ /^gen\//)
		next
	if (inc ~ /\.\./) {
		print file ": " inc ": relative"
		next
	}
	them = folder(inc)
	us = folder(file)
	if (!(them in rank)) {
		print file ": " inc ": no such layer"
		next
	}
	if (!(us in rank)) {
		print file ": folder has no rank in tests/lint/layers"
		nextfile
	}
	if (us == them)
		next
	a = rank_of(file)
	b = rank_of("include/" inc)
	if (b < a || (b == a && b != 6))
		next
	if (b == 6 && a == 6 && us == "drivers" && (them == "tty" || them == "net"))
		next
	for (i = 1; i <= n_allow; i++)
		if (inc == what[i] && index(file, who[i]) == 1)
			next
	print file " (rank " a ") includes " inc " (rank " b ")"
}
