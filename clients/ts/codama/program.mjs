// What the IDL cannot say: addresses the program derives without an account constraint, and remaining accounts.
export const withExtras = (root) => root;
