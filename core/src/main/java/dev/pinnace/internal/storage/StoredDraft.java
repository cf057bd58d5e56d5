package dev.pinnace.internal.storage;

import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.LayerDraft;
import dev.pinnace.spi.storage.Whiteouts;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A layer of a {@link LayerStore} that is being filled. For one thread. */
public final class StoredDraft implements LayerDraft {
  /**
   * What a driver decides about it.
   *
   * @param tree the name of what holds its files
   * @param below the trees below that are not part of it, top first; asked for when they are needed
   * @param whiteouts how deletions are written
   * @param begin makes the tree in the draft's directory
   * @param details what is recorded beside the parent; asked for when the layer will be visible
   */
  public record Form(
      String tree,
      Supplier<List<Path>> below,
      Whiteouts whiteouts,
      Consumer<Dir> begin,
      Supplier<Map<String, String>> details) {}

  private final LayerStore store;
  private final Digest chainId;
  private final Optional<Digest> parent;
  private final Form form;
  private final Draft draft;
  private OptionalLong size = OptionalLong.empty();
  private boolean open = true;

  private StoredDraft(LayerStore store, Digest chainId, Optional<Digest> parent, Form form) {
    this.store = store;
    this.chainId = chainId;
    this.parent = parent;
    this.form = form;
    this.draft = store.draft(chainId.shortHex());
  }

  /** Begins one. */
  public static LayerDraft begin(
      LayerStore store, Digest chainId, Optional<Digest> parent, Form form) {
    StoredDraft begun = new StoredDraft(store, chainId, parent, form);
    try {
      Attempt.run("prepare layer " + chainId, () -> form.begin().accept(begun.draft.dir()));
      return begun;
    } catch (RuntimeException | Error failure) {
      begun.close();
      throw failure;
    }
  }

  @Override
  public Digest chainId() {
    return chainId;
  }

  @Override
  public Path tree() {
    return store.path(draft, form.tree());
  }

  @Override
  public List<Path> below() {
    return List.copyOf(form.below().get());
  }

  @Override
  public Whiteouts whiteouts() {
    return form.whiteouts();
  }

  @Override
  public void size(long bytes) {
    size = OptionalLong.of(bytes);
  }

  private Map<String, String> details() {
    Map<String, String> details = new HashMap<>(form.details().get());
    size.ifPresent(bytes -> details.put(LayerStore.SIZE, Long.toString(bytes)));
    return details;
  }

  @Override
  public void commit() {
    commit(true);
  }

  @Override
  public void commitUnsynced() {
    commit(false);
  }

  private void commit(boolean sync) {
    if (!open) {
      throw new IllegalStateException("the draft of layer " + chainId + " is closed");
    }
    store.publish(draft, chainId, parent, this::details, sync);
    open = false;
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      Attempt.run("remove the draft of layer " + chainId, draft::close);
    }
  }
}
