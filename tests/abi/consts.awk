# SPDX-License-Identifier: MIT
# consts.awk - the kernel's ABI headers in; a C fragment out that says
# C(NAME) for each object-like macro of them that the including file knows.
FNR == 1 {
	h = FILENAME; sub(/.*include\//, "", h)
}
/^#define[ \t]+[A-Za-z_][A-Za-z_0-9]*[ \t]+[^ \t]/ {
	name = $2
	if (name in seen || name ~ /_H$/ || $3 ~ /^("|\/\*)/)
		next
	# strings, statements and what is the kernel's own business
	if ($0 ~ /do \{|__attribute__|ELFMAG|\{/)
		next
	seen[name] = 1
	print "#ifdef " name "\n\tC(" name ", \"" h "\")\n#endif"
}
