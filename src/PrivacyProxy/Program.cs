using PrivacyProxy.Commands;

return await RootCommandFactory.Create().Parse(args).InvokeAsync();
