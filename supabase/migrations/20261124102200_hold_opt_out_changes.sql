-- Also where a session asks for triggers to be left out, as for public.corrections. It adds nothing to a restore, which only inserts.
alter table private.opt_out_changes enable always trigger opt_out_changes_are_never_changed;
