package dev.pinnace.linux.plan;

/**
 * A constant of a kernel header with its name, so that plans can be read.
 *
 * @param name as the header has it
 * @param value its value
 */
public record Named(String name, long value) {}
