package dev.pinnace.linux.abi;

/**
 * What Java believes of a C expression.
 *
 * @param where the Java constant
 * @param expression the same in C
 * @param value its value in Java
 * @param newer a macro that headers of older kernels lack
 */
record Claim(String where, String expression, long value, boolean newer) {}
