declare module "nodemailer" {
  /** What of the package is used; it comes without types. */
  export function createTransport(options: {
    readonly url: string;
    readonly connectionTimeout: number;
    readonly greetingTimeout: number;
    readonly socketTimeout: number;
    readonly dnsTimeout: number;
  }): {
    sendMail(mail: {
      readonly from: string;
      readonly to: string;
      readonly subject: string;
      readonly text: string;
    }): Promise<unknown>;
  };
}
