package dev.pinnace.linux.net.relay;

/**
 * A socket that a relay serves, as long as its owner lives.
 *
 * @param id the relay's name of it, never given again
 */
public record Publication(int id) {}
