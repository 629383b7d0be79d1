/** What went wrong, in the database's or the network's own words, and a way to try again. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const message = error.message.includes("Failed to fetch")
    ? "The connection failed. Check your network; nothing is lost."
    : error.message;
  return (
    <div className="message bad row spread" role="alert">
      <span>{message}</span>
      {retry && (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
