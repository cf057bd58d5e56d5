/**
 * {@link java.net.http.HttpClient} as registries need it: exchanges that an interrupt ends, bodies
 * as streams with back-pressure, and a time limit for silence only.
 */
@NullMarked
package dev.pinnace.internal.image.registry.http;

import org.jspecify.annotations.NullMarked;
