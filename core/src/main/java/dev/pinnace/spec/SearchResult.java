package dev.pinnace.spec;

/**
 * A repository that a registry found.
 *
 * @param name without the registry, as in {@code library/busybox}
 * @param description its first lines; often empty
 * @param stars how many users like it
 * @param official whether the registry's own people keep it
 */
public record SearchResult(String name, String description, int stars, boolean official) {}
