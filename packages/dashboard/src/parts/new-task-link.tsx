import { Link } from "@tanstack/react-router";
import { MessageSquare } from "lucide-react";
import { ButtonLook } from "./button.tsx";

/** Leads to the chat, where a task begins. */
export function NewTaskLink() {
  return (
    <ButtonLook variant="primary">
      <Link to="/chat">
        <MessageSquare aria-hidden />
        New task
      </Link>
    </ButtonLook>
  );
}
