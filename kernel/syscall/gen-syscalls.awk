# SPDX-License-Identifier: MIT
# syscalls.tbl -> C. With -v out=table: sys_call_table; out=proto: external
# declarations; out=strace: names and argument kinds.
/^#/ || NF < 3 { next }
{
	nr[$1] = 1; name[$1] = $2; fn[$1] = $3
	k = ""
	for (i = 4; i <= NF; i++)
		k = k (i > 4 ? ", " : "") "ARG_" toupper($i)
	kinds[$1] = k; nargs[$1] = NF - 3
	if ($1 > max) max = $1
}
END {
	print "/* Generated from syscalls.tbl. */"
	for (i = 0; i <= max; i++) {
		if (out == "proto") {
			if (i in nr) printf "extern char %s[];\n", fn[i]
		} else if (out == "table") {
			printf "[%d] = %s,\n", i, (i in nr) ? fn[i] : "sys_ni_syscall"
		} else if (i in nr) {
			printf "[%d] = { \"%s\", %d, { %s } },\n", i, name[i],
			       nargs[i], nargs[i] ? kinds[i] : "0"
		}
	}
	if (out == "strace") printf "/* %d */\n", max
}
