"""The only rooms that speak to Supabase: one module per subject, each with a narrow role of its own."""
