/** Reads and writes the JSON documents of images; nothing outside knows of the JSON library. */
@NullMarked
package dev.pinnace.internal.image.json;

import org.jspecify.annotations.NullMarked;
