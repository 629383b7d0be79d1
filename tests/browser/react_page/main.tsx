// A website as its customers write them: rendered in the browser, with a router over the History API.
import { createRoot } from "react-dom/client";
import { Link, Route } from "wouter";

function App() {
  return (
    <>
      <nav>
        <Link to="/">Home</Link> <Link to="/pricing">Pricing</Link> <Link to="/pricing?plan=large">Large</Link>
      </nav>
      <Route path="/">
        <h1>Home</h1>
      </Route>
      <Route path="/pricing">
        <h1>Pricing</h1>
      </Route>
    </>
  );
}

createRoot(document.getElementById("root")!).render(<App />);
