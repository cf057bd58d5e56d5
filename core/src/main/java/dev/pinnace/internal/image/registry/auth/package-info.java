/**
 * Who we are to a registry: credentials from Docker's {@code config.json} and its helper programs,
 * and the tokens that they are exchanged for.
 */
@NullMarked
package dev.pinnace.internal.image.registry.auth;

import org.jspecify.annotations.NullMarked;
