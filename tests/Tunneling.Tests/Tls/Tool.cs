using System.Diagnostics;

namespace Tunneling.Tests.Tls;

/// <summary>Runs the programs openssl and curl as peers, for a bounded time.</summary>
internal static class Tool
{
    public static bool Exists(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>What the program said, on both streams. Its input ends after the text.</summary>
    public static async Task<string> Run(string program, string input, params string[] arguments)
    {
        Skip.IfNot(Exists(program), $"{program} is not here");
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var deadline = new CancellationTokenSource(TlsEnd.Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            try
            {
                await process.StandardInput.WriteAsync(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended before it read.
            }

            await process.WaitForExitAsync(deadline.Token);
            return await output + await errors;
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    /// <summary>openssl s_client against a server here. It reads until the server ends.</summary>
    public static Task<string> SClient(int port, params string[] arguments) =>
        Run("openssl", "", ["s_client", "-connect", $"127.0.0.1:{port}", "-ign_eof", .. arguments]);
}
