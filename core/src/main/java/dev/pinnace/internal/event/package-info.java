/**
 * What happens to containers and images, written by all who do it and read by all who follow it.
 */
@NullMarked
package dev.pinnace.internal.event;

import org.jspecify.annotations.NullMarked;
