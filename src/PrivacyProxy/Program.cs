using System.CommandLine;
using PrivacyProxy.Commands;

ErrorOutput.Install();

// Hosts end on SIGTERM by themselves, and draining takes longer than the parser would wait.
return await RootCommandFactory.Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
