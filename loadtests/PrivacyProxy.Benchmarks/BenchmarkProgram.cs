using BenchmarkDotNet.Running;

namespace PrivacyProxy.Benchmarks;

internal static class BenchmarkProgram
{
    private const string InProcess = "--inProcess";

    // In this process: the default toolchain builds the whole proxy again, and its build runs into a timeout on a busy machine.
    private static void Main(string[] args)
    {
        if (args is ["costs"])
        {
            ProcessorCosts.Run();
            return;
        }

        BenchmarkSwitcher
            .FromAssembly(typeof(BenchmarkProgram).Assembly)
            .Run(args.Contains(InProcess, StringComparer.OrdinalIgnoreCase) ? args : [.. args, InProcess]);
    }
}
