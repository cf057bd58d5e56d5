/**
 * Compiles a runtime-spec configuration into a launch plan. Pure: nothing here touches the kernel,
 * and every plan can be printed. The order of the steps, and why it is so, is in
 * docs/architecture.md, <i>The launcher</i>.
 */
@NullMarked
package dev.pinnace.internal.isolation.linux.plan;

import org.jspecify.annotations.NullMarked;
