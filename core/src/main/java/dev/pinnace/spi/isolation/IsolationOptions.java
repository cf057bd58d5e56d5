package dev.pinnace.spi.isolation;

import java.nio.file.Path;

/**
 * What a backend works for.
 *
 * @param root of the engine: a directory that is there, and that engines of other processes may
 *     have open too
 * @param key unique to the root on this host, fit for names of files and cgroups
 */
public record IsolationOptions(Path root, String key) {}
