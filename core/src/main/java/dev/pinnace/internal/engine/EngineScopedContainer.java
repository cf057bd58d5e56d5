package dev.pinnace.internal.engine;

import dev.pinnace.ScopedContainer;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.ContainerId;
import org.slf4j.LoggerFactory;

/** A handle whose close removes its container. */
final class EngineScopedContainer extends EngineContainer implements ScopedContainer {
  EngineScopedContainer(Services services, ContainerId id, String name) {
    super(services, id, name);
  }

  @Override
  public void close() {
    try {
      Waits.undisturbed(() -> remove(true));
    } catch (NotFoundException gone) {
      LoggerFactory.getLogger(EngineScopedContainer.class).debug("{} is removed already", this);
    }
  }
}
