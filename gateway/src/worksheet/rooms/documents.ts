/**
 * Hocuspocus with another idea of how long a document lives: it decides by connections, and has moments at which a client is
 * handed a document that is being given up. Here `rooms.ts` decides alone.
 */
import { type Document, Hocuspocus } from '@hocuspocus/server';

export class SharedDocuments extends Hocuspocus {
  /** Called when a document may have lost its last connection. */
  onLeft: (document: Document) => void = () => {};

  /** Resolves when the document is no longer on its way from the store. */
  async loaded(name: string): Promise<void> {
    await this.loadingDocuments.get(name)?.catch(() => {});
  }

  /** The journal stores every change; there is nothing to store now and then. */
  override async storeDocumentHooks(): Promise<void> {}

  /** One that could not be loaded is forgotten at once. */
  override async unloadDocument(document: Document): Promise<void> {
    if (document.isLoading) document.destroy();
    else this.onLeft(document);
  }
}
