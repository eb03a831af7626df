/** What API Gateway remembers of the product's authorizer for a while, of every credential at once. */
export interface VerdictCache {
  /**
   * Forgets all of it. A verdict that is being made meanwhile may still be remembered afterwards.
   * @param milliseconds how long it may take.
   * @throws where it could not be done in time; what is remembered then ends by itself.
   */
  flush(milliseconds: number): Promise<void>;
}
