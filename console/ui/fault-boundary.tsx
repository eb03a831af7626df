import { Component, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { Empty } from './notice.tsx';

interface FaultBoundaryProps {
  readonly children: ReactNode;
}

/** A view that cannot be drawn is replaced by a sentence, and the menu beside it works on. Give it another `key` for another view. */
export class FaultBoundary extends Component<FaultBoundaryProps, { readonly hasFault: boolean }> {
  override readonly state = { hasFault: false };

  static getDerivedStateFromError(): { readonly hasFault: boolean } {
    return { hasFault: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFault) return this.props.children;
    return (
      <Empty title="This view cannot be shown">
        <p>Something in it was not as the page expects. Nothing was changed.</p>
        <Button onPress={() => window.location.reload()}>Reload the page</Button>
      </Empty>
    );
  }
}
