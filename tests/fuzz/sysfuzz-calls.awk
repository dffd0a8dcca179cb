# SPDX-License-Identifier: MIT
# sysfuzz-calls.awk - syscalls.tbl as the C table that sysfuzz.h declares.
BEGIN { print "#include \"sysfuzz.h\"\nconst struct call calls[] = {" }
/^[0-9]/ {
	printf "\t{ %d, {", $1
	for (i = 4; i <= NF; i++)
		printf " K_%s,", $i
	if (NF < 4)
		printf " 0"
	printf " }, \"%s\" },\n", $2
	n++
}
END { printf "};\nconst int nr_calls = %d;\n", n }
