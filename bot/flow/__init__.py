"""Conversations as data, and the pure engine that steps them.

Nothing in this room reads a clock, rolls dice, opens a connection or touches a database. `library` reads the
folder of conversations (text in, scripts out); `engine.advance` is a pure, total function; `answers.understand`
says what a family's reply means. docs/flows.md is the guide for people who write conversations.
"""
