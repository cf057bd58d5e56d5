/**
 * Which storage driver an engine root uses, and what all drivers of ours keep alike: layers under
 * their chain IDs, drafts that vanish with their process, removal that is seen at once.
 *
 * <p>{@code layers/<driver>/} holds {@code <chain hex>/} with the layer's files and a record,
 * {@code drafts/<name>/} beside {@code drafts/<name>.lock}, {@code removed/} for what is being
 * deleted, and {@code lock}, held while a layer appears or vanishes.
 */
@NullMarked
package dev.pinnace.internal.storage;

import org.jspecify.annotations.NullMarked;
